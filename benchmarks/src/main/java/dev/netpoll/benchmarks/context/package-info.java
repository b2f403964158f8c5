// SPDX-License-Identifier: Apache-2.0
/**
 * What contexts cost.
 *
 * <pre>
 * java -jar benchmarks/target/benchmarks.jar 'benchmarks.context' -f 1 -wi 5 -w 1 -i 5 -r 1
 * </pre>
 */
@NullMarked
package dev.netpoll.benchmarks.context;

import org.jspecify.annotations.NullMarked;
