// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * The engine in a simulated world: its loops, carriers, monitor, poll descriptors and timers as they are, and
 * under them threads, a clock and a kernel that do what a seed says. docs/decisions/0017 tells how.
 *
 * <p>{@code -Dnetpoll.simulation.seed=7} begins with another seed, {@code -Dnetpoll.simulation.seeds=1} takes so
 * many; {@code -Dnetpoll.long=true} takes a million.
 */
class SimulationTest {

    private static final String SEED = "netpoll.simulation.seed";
    private static final String SEEDS = "netpoll.simulation.seeds";

    private static final int FEW = 10_000;
    private static final int MANY = 1_000_000;

    /** A mutant that so many seeds do not find is not found. */
    private static final int SEEDS_FOR_A_MUTANT = 60_000;

    private static SeedRunner engine;

    @BeforeAll
    static void weave() throws IOException {
        engine = new WovenLoader(null).runner();
    }

    @Test
    void theInvariantsHoldWhateverTheSeed() {
        long first = Long.getLong(SEED, 1);
        int count = Integer.getInteger(SEEDS, Boolean.getBoolean("netpoll.long") ? MANY : FEW);
        long begun = System.nanoTime();
        long steps = 0;
        long answers = 0;
        Map<String, Integer> faults = new TreeMap<>();
        for (long seed = first; seed < first + count; seed++) {
            SeedOutcome outcome = engine.run(seed, false);
            if (outcome.violation() != null) {
                fail(told(seed));
            }
            steps += outcome.steps();
            answers += outcome.answers();
            outcome.faults().forEach((fault, times) -> faults.merge(fault, times, Integer::sum));
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        System.out.printf(
                "%,d seeds in %.1f s, %,.0f a second: %,d steps, %,d answers, %,d faults: %s%n",
                count,
                seconds,
                count / seconds,
                steps,
                answers,
                faults.values().stream().mapToInt(Integer::intValue).sum(),
                faults);
        if (count >= FEW) {
            assertThat(faults.keySet()).isEqualTo(engine.possibleFaults());
        }
    }

    private static String told(long seed) {
        SeedOutcome outcome = engine.run(seed, true);
        return """
        Seed %d: %s

        The last of it:
        %s

        Again: ./mvnw test -pl netpoll-engine -am -Dtest='SimulationTest#theInvariants*' \
        -Dsurefire.failIfNoSpecifiedTests=false -D%s=%d -D%s=1
        """
                .formatted(
                        seed,
                        outcome.violation(),
                        String.join(System.lineSeparator(), outcome.trace()),
                        SEED,
                        seed,
                        SEEDS);
    }

    @Test
    void aSeedReplaysStepByStep() throws IOException {
        SeedRunner again = new WovenLoader(null).runner();
        for (long seed = 1; seed <= 300; seed++) {
            SeedOutcome first = engine.run(seed, false);
            // Not the first that this loader runs, and told: neither may make a difference.
            assertThat(again.run(seed, true).hash()).as("seed %d", seed).isEqualTo(first.hash());
            assertThat(again.run(seed, false)).as("seed %d", seed).isEqualTo(first);
        }
    }

    @Test
    void otherSeedsAreOtherSimulations() {
        assertThat(LongStream.range(0, 300).map(s -> engine.run(s, false).hash()))
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @EnumSource(Mutant.class)
    void anEngineWithoutOneOfItsGuardsIsFound(Mutant mutant) throws IOException {
        SeedRunner broken = new WovenLoader(mutant).runner();
        for (long seed = 1; seed <= SEEDS_FOR_A_MUTANT; seed++) {
            SeedOutcome outcome = broken.run(seed, false);
            if (outcome.violation() != null) {
                String violation = Objects.requireNonNull(outcome.violation());
                System.out.printf(
                        "%s: seed %d, %s%n",
                        mutant, seed, violation.lines().findFirst().orElse(violation));
                return;
            }
        }
        fail("%d seeds do not find %s", SEEDS_FOR_A_MUTANT, mutant);
    }
}
