// SPDX-License-Identifier: Apache-2.0
/**
 * What the engine costs without a server on it.
 *
 * <pre>
 * java -jar benchmarks/target/benchmarks.jar 'benchmarks.engine' -f 1 -wi 5 -w 1 -i 5 -r 1 -prof gc
 * </pre>
 */
@NullMarked
package dev.netpoll.benchmarks.engine;

import org.jspecify.annotations.NullMarked;
