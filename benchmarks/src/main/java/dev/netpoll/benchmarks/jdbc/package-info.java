// SPDX-License-Identifier: Apache-2.0
/**
 * What a context costs a JDBC statement, beside other ways to wrap one.
 *
 * <pre>
 * java -jar benchmarks/target/benchmarks.jar 'benchmarks.jdbc' -f 1 -wi 5 -w 1 -i 5 -r 1
 * </pre>
 */
@NullMarked
package dev.netpoll.benchmarks.jdbc;

import org.jspecify.annotations.NullMarked;
