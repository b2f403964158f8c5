// SPDX-License-Identifier: Apache-2.0
/**
 * What the observation of a request costs, by our filter and by Spring's.
 *
 * <pre>
 * java -jar benchmarks/target/benchmarks.jar 'benchmarks.observation' -f 1 -wi 10 -w 2 -i 5 -r 2 -prof gc
 * </pre>
 */
@NullMarked
package dev.netpoll.benchmarks.observation;

import org.jspecify.annotations.NullMarked;
