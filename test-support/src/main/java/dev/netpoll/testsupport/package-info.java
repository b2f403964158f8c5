// SPDX-License-Identifier: Apache-2.0
/** What the tests of this project's modules share. Not published. */
package dev.netpoll.testsupport;
