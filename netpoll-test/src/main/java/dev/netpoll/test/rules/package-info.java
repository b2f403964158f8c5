// SPDX-License-Identifier: Apache-2.0
/** ArchUnit rules for applications: what loses a request's context, or never ends one. */
@NullMarked
package dev.netpoll.test.rules;

import org.jspecify.annotations.NullMarked;
