// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.differential.Case.Ending;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.stream.IntStream;

/** Cases follow from their seed, go through a command line, and get smaller. */
class CasesTest {

    @Test
    void theSameSeedMakesTheSameCases() {
        List<String> first = codes(new RandomCases(3));

        assertThat(codes(new RandomCases(3))).isEqualTo(first);
        assertThat(codes(new RandomCases(4))).isNotEqualTo(first);
    }

    private static List<String> codes(RandomCases cases) {
        return IntStream.range(0, 300).mapToObj(i -> cases.at(i).code()).toList();
    }

    @Test
    void aCodeIsAllOfACase() {
        for (int i = 0; i < 300; i++) {
            Case made = new RandomCases(5).at(i);
            Case again = Case.decode(made.code());

            assertThat(again.text()).isEqualTo(made.text());
            assertThat(again.cuts()).isEqualTo(made.cuts());
            assertThat(again.ending()).isEqualTo(made.ending());
            assertThat(again.code()).matches("[\\w:.-]+");
        }
    }

    @Test
    void aMinimumHasNothingThatIsNotNeeded() {
        Case found = Case.of("found", "xx one yy two zz".repeat(5), Ending.WAIT).byteByByte();

        Case minimal =
                new Minimiser(
                                candidate ->
                                        candidate.text().contains("one")
                                                && candidate.text().contains("two")
                                                && candidate.pieces().size() > 1)
                        .minimal(found);

        assertThat(minimal.text()).hasSize(6).contains("one", "two");
        assertThat(minimal.cuts()).hasSize(1);
        assertThat(minimal.ending()).isEqualTo(Ending.HALF_CLOSE);
    }

    @Test
    void cutsStayWhereTheyWereAmongTheOtherBytes() {
        Case found = Case.of("found", "abcdef", Ending.WAIT).cutAt(1, 3, 5);

        assertThat(texts(found.without(2, 4))).containsExactly("a", "b", "e", "f");
        assertThat(texts(found.without(0, 1))).containsExactly("bc", "de", "f");
        assertThat(texts(found.without(1, 6))).containsExactly("a");
    }

    private static List<String> texts(Case sent) {
        return sent.pieces().stream().map(String::new).toList();
    }
}
