module netpoll.dev/benchmarks/peers/go

go 1.18
