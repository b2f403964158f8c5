// SPDX-License-Identifier: Apache-2.0
/**
 * What the engine and the contexts cost, measured by JMH; one package below this one for each part
 * that is measured. The comparison with other servers is {@code compare.sh} beside this module.
 */
@NullMarked
package dev.netpoll.benchmarks;

import org.jspecify.annotations.NullMarked;
