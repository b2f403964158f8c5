// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The list of the carriers that a loop was taken from. */
class StuckCarriersTest {

    private final StuckCarriers stuck = new StuckCarriers();

    private ManualLoops manual;
    private Carrier a;
    private Carrier b;
    private Carrier c;

    @BeforeEach
    void open() throws IOException {
        manual = new ManualLoops(1);
        a = carrier("a");
        b = carrier("b");
        c = carrier("c");
        stuck.add(a);
        stuck.add(b);
        stuck.add(c);
    }

    private Carrier carrier(String name) {
        return new Carrier(manual.first(), name, _ -> false);
    }

    @AfterEach
    void close() throws InterruptedException {
        manual.close();
        List.of(a, b, c).forEach(Carrier::free);
    }

    private List<Carrier> all() {
        List<Carrier> all = new ArrayList<>();
        for (Carrier each = stuck.first(); each != null; each = stuck.after(each)) {
            all.add(each);
        }
        return all;
    }

    @Test
    void theLatestIsTheFirst() {
        assertThat(all()).containsExactly(c, b, a);
    }

    @Test
    void eachLeavesFromWhereItIs() {
        stuck.remove(b);
        assertThat(all()).containsExactly(c, a);
        stuck.remove(c);
        assertThat(all()).containsExactly(a);
        stuck.remove(a);
        assertThat(all()).isEmpty();
    }

    @Test
    void oneThatIsNotThereLeavesNothing() {
        stuck.remove(b);
        stuck.remove(b);
        assertThat(all()).containsExactly(c, a);
    }

    @Test
    void oneThatHasLeftMayComeAgain() {
        stuck.remove(a);
        stuck.add(a);
        assertThat(all()).containsExactly(a, c, b);
    }

    @Test
    void aWalkGoesOnBehindOneThatHasLeft() {
        Carrier second = stuck.after(c);
        stuck.remove(b);
        assertThat(second).isSameAs(b);
        assertThat(stuck.after(b)).isSameAs(a);
    }

    @Test
    void theLongestIsOneThatHasBeenToldOf() {
        a.stuckSince(1_000);
        b.stuckSince(2_000);
        assertThat(stuck.longest(5_000)).isZero();
        b.tell();
        assertThat(stuck.longest(5_000)).isEqualTo(3_000);
        a.tell();
        assertThat(stuck.longest(5_000)).isEqualTo(4_000);
    }
}
