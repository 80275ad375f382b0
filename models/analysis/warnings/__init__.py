"""Early warnings (预警): each detector finds candidates by columns, the replay dates them, the budget ranks them."""
