// Moneyfloat reports where money meets a float: .ci/run fails on it.
//
// Money is what is called so: an integer variable, field, parameter or function whose name is minor or ends in Minor or
// _minor, sums, differences and products of such, and local variables that were set to one. Reported are
//
//   - a conversion of money to a float;
//   - a float that is converted to an integer and becomes money: assigned, passed, returned, or set in a literal;
//   - anything with such a name whose type is a float, but for minor alone.
//
// A quotient of two amounts is a ratio and no money. Ratios for people (ROIMS, rates) are floats made of money at the
// very end, in a view: -views names the files where money may become a float, and never the other way.
package main

import "golang.org/x/tools/go/analysis/singlechecker"

func main() { singlechecker.Main(analyzer) }
