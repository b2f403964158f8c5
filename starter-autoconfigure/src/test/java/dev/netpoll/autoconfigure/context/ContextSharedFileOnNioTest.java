// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

/**
 * Tomcat's NIO connector does not tell of clients that leave: there a deadline ends the search. On virtual
 * threads: {@link Thread#interrupt()} of a platform thread looks for a channel to close after it has woken
 * the thread.
 */
class ContextSharedFileOnNioTest extends ContextSharedFileContract {

    @Override
    String[] properties() {
        return new String[] {
            "--netpoll.tomcat.enabled=false",
            "--spring.threads.virtual.enabled=true",
            "--test.search-limit=100ms"
        };
    }
}
