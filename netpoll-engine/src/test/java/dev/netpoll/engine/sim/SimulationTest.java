// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SimulationTest {
    @Test
    void first() throws Exception {
        SeedRunner runner = new WovenLoader(null).runner();
        int n = Integer.getInteger("netpoll.simulation.seeds", 100);
        long from = Long.getLong("netpoll.simulation.seed", 1L);
        long began = System.nanoTime();
        long steps = 0, answers = 0;
        int bad = 0;
        var faults = new java.util.TreeMap<String, Integer>();
        for (long s = from; s < from + n; s++) {
            SeedOutcome o = runner.run(s, false);
            steps += o.steps();
            answers += o.answers();
            o.faults().forEach((k, v) -> faults.merge(k, v, Integer::sum));
            if (o.violation() != null) {
                o = runner.run(s, true);
                System.out.println("seed " + s + " " + o.violation());
                if (bad == 0) o.trace().forEach(System.out::println);
                if (++bad > 5) break;
            }
        }
        System.out.println(
                n
                        + " seeds, "
                        + steps
                        + " steps, "
                        + answers
                        + " answers "
                        + faults
                        + " in "
                        + (System.nanoTime() - began) / 1e9);
        assertThat(bad).isZero();
    }
}
