// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import javax.xml.parsers.DocumentBuilderFactory;

/** The picture that compare.sh draws, by the program that it starts. */
class PictureTest {

    private static final String MEASURED =
            """
            scenario,round,server,requests_per_second,cpu_user_us,cpu_system_us,p50_us,p99_us,failed,busy_elsewhere_percent,connections,live_heap_bytes_each,kept_heap_bytes_each,rss_bytes_each
            hello,1,tomcat-nio,40000,20.0,10.0,900,3000,0,1.0,64,,,
            hello,1,netpoll,70000,10.0,5.0,900,3000,0,1.0,64,,,
            hello,2,tomcat-nio,50000,20.0,10.0,900,3000,0,1.0,64,,,
            hello,2,netpoll,80000,10.0,5.0,900,3000,0,1.0,64,,,
            hello,3,tomcat-nio,37500,20.0,10.0,900,3000,0,1.0,64,,,
            hello,3,netpoll,100000,10.0,5.0,900,3000,0,1.0,64,,,
            sleep,1,a<variant>,3000,40.0,10.0,900,3000,0,1.0,64,,,
            idle,1,netpoll,,,,,,,,10000,950,0,1000
            """;

    @TempDir private Path directory;

    private Document picture;

    @BeforeEach
    void draw() throws Exception {
        Path csv = Files.writeString(directory.resolve("measured.csv"), MEASURED);
        picture = parse(drawn(csv, "a machine & its kernel; 3 rounds"));
    }

    @Test
    void theFastestComesFirstAndABarIsAsLongAsItsMedian() {
        List<Element> bars = all("rect");
        assertThat(bars).hasSize(3);
        double netpoll = width(bars.getFirst());
        assertThat(bars.getFirst().getAttribute("class")).contains("ours");
        assertThat(bars.get(1).getAttribute("class")).doesNotContain("ours");
        // 80,000 and 40,000 of 100,000, the best round, which is as long as a bar may be.
        assertThat(netpoll).isEqualTo(264.0);
        assertThat(width(bars.get(1))).isEqualTo(netpoll / 2);
        assertThat(width(bars.get(2))).isEqualTo(330.0);
    }

    @Test
    void besideABarStandItsServerRequestsAndCpu() {
        assertThat(texts())
                .containsSubsequence(
                        "GET /hello", "netpoll", "80,000", "15.0", "Tomcat NIO", "40,000", "30.0")
                .containsSubsequence("a<variant>", "3,000", "50.0");
    }

    @Test
    void itSaysWhichMachineAndLeavesOutWhatHasNoRequests() {
        assertThat(texts())
                .contains("a machine & its kernel", "3 rounds")
                .noneMatch(each -> each.contains("idle"));
    }

    @Test
    void aLineRunsFromTheWorstRoundToTheBestWhereThereAreSeveral() {
        assertThat(all("path")).hasSize(2);
        assertThat(all("path").getFirst().getAttribute("d"))
                .startsWith("M431.0 ")
                .endsWith("H530.0");
    }

    @Test
    void lightAndDarkPagesHaveColoursOfTheirOwn() {
        assertThat(all("style").getFirst().getTextContent()).contains("prefers-color-scheme: dark");
    }

    private static double width(Element bar) {
        return Double.parseDouble(bar.getAttribute("width"));
    }

    private List<String> texts() {
        return all("text").stream().map(Element::getTextContent).toList();
    }

    private List<Element> all(String name) {
        NodeList nodes = picture.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    private static Path drawn(Path csv, String machine) throws IOException, InterruptedException {
        Path svg = csv.resolveSibling("picture.svg");
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "compare/Picture.java",
                                csv.toString(),
                                machine)
                        .redirectErrorStream(true)
                        .redirectOutput(svg.toFile())
                        .start();
        assertThat(process.waitFor())
                .as("%s", Files.readString(svg, StandardCharsets.UTF_8))
                .isZero();
        return svg;
    }

    private static Document parse(Path svg) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile());
    }
}
