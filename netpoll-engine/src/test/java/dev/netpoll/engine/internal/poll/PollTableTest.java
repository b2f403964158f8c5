// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class PollTableTest {

    private final PollTable table = new PollTable();
    private final RecordingLoop loop = new RecordingLoop();
    private final ManualTicker ticker = new ManualTicker(1);

    @Test
    void eachUseOfANumberHasATagOfItsOwn() {
        PollDesc first = table.open(loop, ticker, 5);
        long stale = PollTable.data(first);
        assertThat(table.find(stale)).isSameAs(first);
        table.remove(first);
        assertThat(table.find(stale)).isNull();
        PollDesc second = table.open(loop, ticker, 5);
        assertThat(table.find(stale)).isNull();
        assertThat(table.find(PollTable.data(second))).isSameAs(second);
    }

    @Test
    void removingAnOldUseLeavesTheNewOneAlone() {
        PollDesc first = table.open(loop, ticker, 5);
        PollDesc second = table.open(loop, ticker, 5);
        table.remove(first);
        assertThat(table.find(PollTable.data(second))).isSameAs(second);
    }

    @Test
    void itHoldsNumbersFarApartAndShowsThemAll() {
        List<PollDesc> opened = new ArrayList<>();
        for (int fd : new int[] {0, 1_023, 1_024, 999_999, (1 << 22) - 1}) {
            opened.add(table.open(loop, ticker, fd));
        }
        List<PollDesc> seen = new ArrayList<>();
        table.forEach(seen::add);
        assertThat(seen).containsExactlyElementsOf(opened);
        for (PollDesc desc : opened) {
            assertThat(table.find(PollTable.data(desc))).isSameAs(desc);
        }
    }

    @Test
    void anEventOfANumberNeverSeenFindsNobody() {
        assertThat(table.find((1L << 32) | 4_000)).isNull();
    }
}
