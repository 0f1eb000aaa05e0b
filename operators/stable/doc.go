// Package stable has the elementary functions that folds may use: the same bits on every machine.
//
// Go's math.Exp and math.Log are assembly on some architectures and portable code on others, and compilers may fuse
// x*y + z into one rounding on arm64, ppc64le and s390x but not on amd64 (golang/go#17895). A fold's output must not
// depend on either (DESIGN §5), so:
//
//   - everything here is +, -, *, / and conversions, each rounded on its own: a product that is added to something is
//     written float64(x*y), which the language defines as a rounding of its own;
//   - powers of the decay d = 2^(-1/60) come from a table that is built by that same arithmetic.
//
// math.Sqrt, math.Round, math.Floor, math.Frexp and math.Ldexp are exact by IEEE 754 and need no counterpart here.
//
// Errors stay within 2 units in the last place of the true value over the ranges that the tests name. It has no
// trigonometry, and of the special functions only Normal, to a relative 1e-12: a fold that needs another adds it here,
// with a test.
package stable
