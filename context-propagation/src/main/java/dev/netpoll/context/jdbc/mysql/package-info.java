// SPDX-License-Identifier: Apache-2.0
/** What MySQL's driver, Connector/J, has an interface of its own for. Optional: it works where the driver is. */
@NullMarked
package dev.netpoll.context.jdbc.mysql;

import org.jspecify.annotations.NullMarked;
