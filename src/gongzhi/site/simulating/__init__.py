"""`gongzhi simulate`: what a change of list, staffing or deadline would have done to what really came."""
