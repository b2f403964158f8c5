// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks;

import org.openjdk.jmh.Main;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Starts JMH with the flags that the loops need. Takes JMH's own command line: {@code java -jar
 * benchmarks.jar <regex> -f 1 -prof gc}; {@code -h} lists the rest.
 *
 * <p>The jar's manifest opens {@code java.lang} for the JVM that {@code java -jar} starts, but JMH
 * measures in forks, which are started by class path and read no manifest.
 */
final class BenchmarkLauncher {

    private static final String PREPEND = "-jvmArgsPrepend";

    private static final String NEEDED =
            "--add-opens=java.base/java.lang=ALL-UNNAMED --enable-native-access=ALL-UNNAMED";

    private BenchmarkLauncher() {}

    public static void main(String[] args) throws IOException {
        List<String> arguments = new ArrayList<>(Arrays.asList(args));
        int given = arguments.indexOf(PREPEND);
        if (given >= 0 && given + 1 < arguments.size()) {
            arguments.set(given + 1, NEEDED + " " + arguments.get(given + 1));
        } else {
            arguments.addAll(List.of(PREPEND, NEEDED));
        }
        Main.main(arguments.toArray(String[]::new));
    }
}
