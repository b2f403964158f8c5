// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.stack;

/** The engine, its loops and virtual threads. */
class DeadlinesOnTheEngineTest extends DeadlineContract {

    @Override
    String[] properties() {
        return new String[] {"--netpoll.overdue.grace=1ms"};
    }
}
