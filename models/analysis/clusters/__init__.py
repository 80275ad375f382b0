"""Statistics of early warning: where and when there are more registrations than there should be.

`scan` finds clusters in space and time, `baselines` tells a busy month from an abnormal one, `hotspots` maps rates
that stand out from their surroundings. All are plain functions on arrays: what a case is, is for the caller to say.
"""
