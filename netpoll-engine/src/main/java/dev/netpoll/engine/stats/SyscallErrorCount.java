// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.stats;

/**
 * How often a system call has failed with an errno.
 *
 * @param syscall as in the manual
 * @param errno its name
 * @param count since the engine started
 * @param lastEpochMillis wall-clock time of the latest
 */
public record SyscallErrorCount(String syscall, String errno, long count, long lastEpochMillis) {}
