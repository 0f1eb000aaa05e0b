// Command build bundles the live page: ../src → ../dist, for package live to embed.
//
//	go generate ./dashboards/live        rebuild dist/ (runs npm ci first if node_modules is missing)
//	go run -C dashboards/live/build . -tests   bundle ../test/*.test.ts into ../.tests/, for node --test
//
// It uses esbuild as a Go library, in a module of its own, so that the program's go.mod stays small. The output depends
// on the sources and the lockfile only: building again gives the same bytes, so CI can check that dist/ is current.
package main
