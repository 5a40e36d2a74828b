# Compiling must not run it: a file of the submission may not stand in for a module of the compiler's.
import sys

print("refused" if "py_compile" not in sys.modules else "compiling ran the program")
