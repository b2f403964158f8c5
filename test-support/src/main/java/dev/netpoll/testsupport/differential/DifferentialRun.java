// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/**
 * Sends many cases to a reference server and to others with the same application, and collects what they answer
 * otherwise. From one thread; it sends from several.
 */
public final class DifferentialRun {

    /** System property: the code of a case to send instead of all others. */
    public static final String REPLAY = "netpoll.differential.replay";

    private static final String SEED = "netpoll.differential.seed";
    private static final String CASES = "netpoll.differential.cases";
    private static final int SENDERS = 12;

    /** Kinds of differences that are minimised; where there are more, something is wrong altogether. */
    private static final int MOST_KINDS = 12;

    private final Comparison comparison;
    private final List<Server> subjects;
    private final List<Difference> differences = Collections.synchronizedList(new ArrayList<>());
    private final Map<KnownDifference, LongAdder> known = new ConcurrentHashMap<>();
    private final LongAdder unsteady = new LongAdder();
    private final LongAdder waitedInVain = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final LongAdder compared = new LongAdder();

    /**
     * @param reference the measure
     * @param subjects what is compared with it
     * @param stable takes out of what a server sent all that changes from run to run
     */
    public DifferentialRun(Server reference, List<Server> subjects, UnaryOperator<String> stable) {
        this.comparison = new Comparison(reference, stable);
        this.subjects = List.copyOf(subjects);
    }

    /** Without the date. */
    public static String withoutDate(String received) {
        return received.replaceAll("\r\nDate: [^\r]*", "");
    }

    /**
     * Sends generated cases: {@code few} of them, {@code many} in the long form ({@code -Dnetpoll.long=true}), or as
     * many as {@code -Dnetpoll.differential.cases} says; from {@code -Dnetpoll.differential.seed}, if given.
     */
    public void generated(int few, int many) throws Exception {
        send(new RandomCases(Long.getLong(SEED, 8))::at, count(few, many));
    }

    /** As {@link #generated}: parts of TLS handshakes, records that are none, and HTTP, as raw bytes. */
    public void generatedRecords(int few, int many) throws Exception {
        send(new TlsCases(Long.getLong(SEED, 8))::at, count(few, many));
    }

    private static int count(int few, int many) {
        return Integer.getInteger(CASES, Boolean.getBoolean("netpoll.long") ? many : few);
    }

    /** Sends these. */
    public void all(List<Case> cases) throws Exception {
        send(cases::get, cases.size());
    }

    private void send(IntFunction<Case> cases, int count) throws Exception {
        long begun = System.nanoTime();
        AtomicInteger next = new AtomicInteger();
        List<Future<?>> senders = new ArrayList<>();
        try (ExecutorService threads =
                Executors.newFixedThreadPool(
                        SENDERS, Thread.ofPlatform().daemon().name("test-background").factory())) {
            for (int i = 0; i < SENDERS; i++) {
                senders.add(
                        threads.submit(
                                () -> {
                                    for (int index = next.getAndIncrement();
                                            index < count;
                                            index = next.getAndIncrement()) {
                                        compare(cases.apply(index));
                                    }
                                }));
            }
            for (Future<?> sender : senders) {
                sender.get();
            }
        }
        nanos.add(System.nanoTime() - begun);
    }

    private void compare(Case sent) {
        List<Outcome> outcomes = comparison.outcomes(sent, subjects);
        Outcome expected = outcomes.getFirst();
        compared.increment();
        if (expected.end() == Outcome.End.OPEN) {
            waitedInVain.increment();
        }
        for (int i = 0; i < subjects.size(); i++) {
            Outcome actual = outcomes.get(i + 1);
            if (Comparison.isAmong(Set.of(expected), actual)) {
                continue;
            }
            Optional<KnownDifference> reason =
                    KnownDifference.of(sent, subjects.get(i), expected, actual);
            if (reason.isPresent()) {
                known.computeIfAbsent(reason.get(), key -> new LongAdder()).increment();
            } else if (comparison.mayBeOfReference(sent, subjects.get(i), actual)) {
                unsteady.increment();
            } else {
                differences.add(new Difference(sent, subjects.get(i), expected, actual));
            }
        }
    }

    /** Whether every server answered as the reference, but for the differences that are known. */
    public boolean isClean() {
        return differences.isEmpty();
    }

    /** How many cases were sent, and what became of them. */
    public String summary() {
        return "%d cases to %s and %d others in %.1f s: %d differences, known ones %s, %d where the reference itself varies, %d to which even that gave no end"
                .formatted(
                        compared.sum(),
                        comparison.reference().name(),
                        subjects.size(),
                        nanos.sum() / 1e9,
                        differences.size(),
                        new TreeMap<>(known),
                        unsteady.sum(),
                        waitedInVain.sum());
    }

    /**
     * What was found: each kind of difference with its count and one minimal case.
     *
     * @param replay the command that sends a case again, with {@code %s} for its code
     */
    public String report(String replay) {
        Map<String, List<Difference>> kinds = new TreeMap<>();
        for (Difference difference : differences) {
            kinds.computeIfAbsent(difference.kind(), kind -> new ArrayList<>()).add(difference);
        }
        StringBuilder text = new StringBuilder(summary()).append('\n');
        kinds.entrySet().stream()
                .limit(MOST_KINDS)
                .forEach(kind -> describe(kind.getKey(), kind.getValue(), replay, text));
        kinds.keySet().stream()
                .skip(MOST_KINDS)
                .forEach(kind -> text.append("also ").append(kind).append('\n'));
        return text.toString();
    }

    private void describe(
            String kind, List<Difference> examples, String replay, StringBuilder text) {
        Difference example = smallest(examples);
        text.append(
                "%n%d x %s%n  found with %s%n".formatted(examples.size(), kind, example.sent()));
        int shown = comparison.differing(example.sent(), example.subject());
        text.append("  again in %d of %d%n".formatted(shown, Comparison.tries()));
        Difference told = shown == Comparison.tries() ? minimal(example) : example;
        text.append("  sent:     %s%n".formatted(told.sent().readable()));
        text.append("  expected: %s%n".formatted(told.expected()));
        text.append("  actual:   %s%n".formatted(told.actual()));
        text.append("  replay:   %s%n".formatted(replay.formatted(told.sent().code())));
    }

    private static Difference smallest(List<Difference> examples) {
        return Collections.min(
                examples,
                (a, b) ->
                        Integer.compare(
                                a.sent().bytes().length + a.sent().cuts().size(),
                                b.sent().bytes().length + b.sent().cuts().size()));
    }

    /** The same kind of difference, or the minimum would drift to another one. */
    private Difference minimal(Difference example) {
        Case sent = new Minimiser(candidate -> shows(candidate, example)).minimal(example.sent());
        return again(sent, example.subject());
    }

    private Difference again(Case sent, Server subject) {
        List<Outcome> outcomes = comparison.outcomes(sent, List.of(subject));
        return new Difference(sent, subject, outcomes.get(0), outcomes.get(1));
    }

    private boolean shows(Case candidate, Difference example) {
        Difference found = again(candidate, example.subject());
        return !Comparison.isAmong(Set.of(found.expected()), found.actual())
                && found.kind().equals(example.kind());
    }

    /** Sends the case of a code, and says what every server makes of it. */
    public String replay(String code) {
        Case sent = Case.decode(code);
        compare(sent);
        StringBuilder text = new StringBuilder("sent: " + sent.readable() + "\n");
        List<Outcome> outcomes = comparison.outcomes(sent, subjects);
        text.append(comparison.reference().name())
                .append(": ")
                .append(outcomes.getFirst())
                .append('\n');
        for (int i = 0; i < subjects.size(); i++) {
            text.append(subjects.get(i).name())
                    .append(": ")
                    .append(outcomes.get(i + 1))
                    .append('\n');
        }
        return text.toString();
    }
}
