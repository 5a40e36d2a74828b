# Nothing in Python needs one, and a name that is not there is found out when it runs.
mian()
