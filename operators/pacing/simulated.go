package pacing

// SimulatedProfile is how a show sells in each tenth, as the simulator has it: slow at first, best at two thirds [JUDG].
// Simulated holds for plans of shows that have it, and is far off for a flat one: there what it says happens in .48
// happened in .78 (measured by taking the profile out of the plan that netsu model pacing judges).
var SimulatedProfile = Profile{.5, .7, .9, 1, 1.1, 1.3, 1.5, 1.3, 1, .7}

// Simulated is what raw probabilities were worth in simulation, for who has no past campaigns to Fit. It is not from any
// real show. A test in stream/sim/commerce holds it against fresh shows.
var Simulated = &Calibration{
	Version: "simulated-5m0s-10000-1",
	Source:  "netsu model pacing --shows 10000 --seed 1 --wander 5m0s: simulated, no real campaign",
	Steps: []Step{
		{0.00003, 0.0240, 103},
		{0.00043, 0.0250, 179},
		{0.00264, 0.0573, 322},
		{0.00744, 0.0785, 222},
		{0.01653, 0.0904, 447},
		{0.03651, 0.1609, 487},
		{0.07269, 0.2204, 700},
		{0.12349, 0.2359, 531},
		{0.17468, 0.2747, 434},
		{0.22455, 0.3393, 360},
		{0.29909, 0.3750, 638},
		{0.39847, 0.4337, 586},
		{0.49952, 0.4678, 573},
		{0.57593, 0.5428, 221},
		{0.65021, 0.6120, 498},
		{0.72356, 0.6757, 238},
		{0.77448, 0.6988, 253},
		{0.82408, 0.7049, 282},
		{0.87655, 0.7838, 302},
		{0.92603, 0.7973, 401},
		{0.96282, 0.8364, 271},
		{0.98352, 0.8906, 296},
		{0.99265, 0.9362, 148},
		{0.99741, 0.9473, 255},
		{0.99958, 0.9817, 245},
		{0.99999, 0.9897, 531},
	},
	BandLo: -1.606, BandHi: 1.602,
}
