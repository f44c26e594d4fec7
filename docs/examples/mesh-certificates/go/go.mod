module mesh-certificates

go 1.22
