// SPDX-License-Identifier: Apache-2.0
/** For the tests of applications: manual time, contexts that end on demand, and rules for ArchUnit. */
module dev.netpoll.test {
    requires transitive dev.netpoll.context;
    requires static transitive org.jspecify;
    requires static com.tngtech.archunit;

    exports dev.netpoll.test;
    exports dev.netpoll.test.rules;
}
