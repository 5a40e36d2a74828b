import os

if os.access("/program", os.W_OK):
    open("/program/hostile-left", "w").close()
