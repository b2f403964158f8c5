// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.io.KernelException;
import dev.netpoll.engine.stats.SyscallErrorCount;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts of failed system calls by call and errno, with the time of the latest. EAGAIN is no
 * failure and never gets here. Safe from any thread; touched on error paths only.
 */
public final class SyscallErrors {

    private record Key(String syscall, String errno) {}

    private static final class Counter {
        final LongAdder count = new LongAdder();
        final AtomicLong last = new AtomicLong();
    }

    private final ConcurrentHashMap<Key, Counter> counters = new ConcurrentHashMap<>();

    /**
     * Fails once for nothing. What a failure needs must be loaded before there is one: where the
     * failure is EMFILE, no class file can be opened any more, and a class once not found stays so.
     */
    public SyscallErrors() {
        var first = new KernelException("none", -1, -Errno.EMFILE.number());
        count(first.syscall(), -Errno.EMFILE.number());
        FdErrors.isOfTheNewConnection(-Errno.EMFILE.number());
        counters.clear();
    }

    /** Counts one failure; {@code result} is the negated errno. */
    public void count(String syscall, long result) {
        Counter counter =
                counters.computeIfAbsent(
                        new Key(syscall, Errno.nameOf(result)), _ -> new Counter());
        counter.count.increment();
        counter.last.set(System.currentTimeMillis());
    }

    /** All rows, by system call and errno. */
    public List<SyscallErrorCount> rows() {
        return counters.entrySet().stream()
                .map(
                        e ->
                                new SyscallErrorCount(
                                        e.getKey().syscall,
                                        e.getKey().errno,
                                        e.getValue().count.sum(),
                                        e.getValue().last.get()))
                .sorted(
                        Comparator.comparing(SyscallErrorCount::syscall)
                                .thenComparing(SyscallErrorCount::errno))
                .toList();
    }
}
