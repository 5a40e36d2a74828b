import os

print("code ran in the compiler" if os.path.exists("/program/hostile-left") else "refused")
