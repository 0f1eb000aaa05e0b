// Package check sees that what deploy holds would be taken by those it is for, as far as no daemon is needed:
//
//	container/Dockerfile     BuildKit's parser, its instructions, and rules of our own
//	compose/compose.yaml     Compose's loader, strictly; the files it mounts; its commands
//	helm/netsu               Helm's lint and engine; what comes out decoded strictly with the types of Kubernetes, of the
//	                         Prometheus operator, and against KEDA's own schema; and the API server's validation, of what is
//	                         new and of what an upgrade makes of what is there
//	strimzi/topics.yaml      a small schema of KafkaTopic
//	grafana/, prometheus/    strictly, and that they name what is there
//	systemd/netsu.service    systemd-analyze, where there is one
//
// Settings in any of them (files, variables, flags) are given to the program, which refuses what it does not know.
//
// It is a module of its own: what it needs (Helm, Kubernetes, Compose, BuildKit) is no business of the product. Not done
// here: building the image, starting anything. No API server runs: of its admission only the profile restricted is asked.
package check
