// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

class ContextSharedFileOnTheEngineTest extends ContextSharedFileContract {

    @Override
    String[] properties() {
        return new String[] {"--netpoll.enabled=true", "--test.search-limit=1h"};
    }
}
