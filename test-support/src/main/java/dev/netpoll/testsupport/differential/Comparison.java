// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Sends cases to a reference server and to another, and says where they differ. Any thread. */
final class Comparison {

    /** How often the reference may show what else it does with a case. */
    private static final int TRIES = 12;

    private static final long PAUSE_NANOS = 300_000;

    private final Server reference;
    private final UnaryOperator<String> stable;

    Comparison(Server reference, UnaryOperator<String> stable) {
        this.reference = reference;
        this.stable = stable;
    }

    Server reference() {
        return reference;
    }

    /** Sends it to the reference and all subjects, piece by piece in turn; the reference's outcome comes first. */
    List<Outcome> outcomes(Case sent, List<Server> subjects) {
        List<Exchange> exchanges = new ArrayList<>();
        try {
            exchanges.add(Exchange.open(reference, sent));
            for (Server subject : subjects) {
                exchanges.add(Exchange.open(subject, sent));
            }
            for (byte[] piece : sent.pieces()) {
                exchanges.forEach(exchange -> exchange.write(piece));
                Thread.yield();
            }
            for (Exchange exchange : exchanges) {
                exchange.end(sent.ending());
            }
            return exchanges.stream().map(this::outcome).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("with " + sent.name(), e);
        } finally {
            exchanges.forEach(Comparison::close);
        }
    }

    private Outcome outcome(Exchange exchange) {
        Outcome raw = exchange.outcome();
        return new Outcome(stable.apply(raw.received()), raw.end());
    }

    private static void close(Exchange exchange) {
        try {
            exchange.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Outcome outcome(Case sent, Server server) {
        try (Exchange exchange = Exchange.open(server, sent)) {
            for (byte[] piece : sent.pieces()) {
                exchange.write(piece);
                // So that the server mostly reads what was sent before it is sent more. A guess is
                // enough: it tries several times.
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            exchange.end(sent.ending());
            return outcome(exchange);
        } catch (IOException e) {
            throw new UncheckedIOException("with " + sent.name(), e);
        }
    }

    /**
     * Everything that the reference does with it, in several tries: some inputs are a race even there. What is sent in
     * several writes may arrive in fewer, so it is also sent so.
     */
    private Set<Outcome> ofReference(Case sent) {
        return IntStream.range(0, TRIES)
                .mapToObj(i -> outcome(coarser(sent, i), reference))
                .collect(Collectors.toSet());
    }

    /** With all cuts, with none, with one of them each. */
    private static Case coarser(Case sent, int turn) {
        List<Integer> cuts = sent.cuts();
        return switch (turn) {
            case 0 -> sent;
            case 1 -> sent.withCuts(List.of());
            default ->
                    cuts.isEmpty()
                            ? sent
                            : sent.withCuts(List.of(cuts.get((turn - 2) % cuts.size())));
        };
    }

    /** Whether the reference does the same in one of several tries, or the same but for a known difference. */
    boolean mayBeOfReference(Case sent, Server subject, Outcome outcome) {
        Set<Outcome> right = ofReference(sent);
        return isAmong(right, outcome)
                || right.stream()
                        .anyMatch(
                                one -> KnownDifference.of(sent, subject, one, outcome).isPresent());
    }

    /** How many of several tries show a difference. */
    int differing(Case sent, Server subject) {
        return (int)
                IntStream.range(0, TRIES)
                        .filter(i -> !mayBeOfReference(sent, subject, outcome(sent, subject)))
                        .count();
    }

    /**
     * Whether the outcome is one of the reference's. Where the reference resets, for bytes that it left unread, an
     * orderly end is as good: that it resets depends on when those bytes come.
     */
    static boolean isAmong(Set<Outcome> reference, Outcome outcome) {
        return reference.contains(outcome)
                || outcome.end() == Outcome.End.FIN
                        && reference.contains(new Outcome(outcome.received(), Outcome.End.RST));
    }

    static int tries() {
        return TRIES;
    }
}
