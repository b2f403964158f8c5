// SPDX-License-Identifier: Apache-2.0
/**
 * What being observed costs a request: the filter, ours and Spring's, and the actuator's mappings.
 *
 * <pre>
 * java -jar benchmarks/target/benchmarks.jar 'benchmarks.observation' -f 1 -wi 10 -w 2 -i 5 -r 2 -prof gc
 * </pre>
 */
@NullMarked
package dev.netpoll.benchmarks.observation;

import org.jspecify.annotations.NullMarked;
