module contrast.test/go-mesh-certificates

go 1.22
