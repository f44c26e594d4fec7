module contrast.test/go-manifest

go 1.22
