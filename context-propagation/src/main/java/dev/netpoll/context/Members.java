// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/**
 * The list of the children and hooks of one scope, in the order they were added. The links are in
 * the members themselves, so removing one costs the same however many there are. Made when the
 * first member is added; most scopes never have one.
 *
 * <p>Any thread. Its own monitor is the lock; no other lock is taken and no callback is run under
 * it.
 *
 * <p>Open → closed, once, by the thread that then owns the chain of all members. A closed list
 * neither takes a member nor lets one go.
 */
final class Members {

    /** The list of every scope that has ended: empty and closed. */
    static final Members CLOSED = new Members();

    static {
        CLOSED.closed = true;
    }

    /** Under the lock while open; then the closer's. */
    private @Nullable Member first;

    private @Nullable Member last;

    private boolean closed; // under the lock; true for good, so a stale read can only say false

    /** Takes the member in. False: the list is closed, the member is where it was. */
    boolean add(Member member) {
        if (this == CLOSED) {
            return false; // never contend for a lock that the whole JVM shares
        }
        synchronized (this) {
            if (closed) {
                return false;
            }
            Member tail = last;
            Member.prev(member, tail);
            Member.next(member, null);
            if (tail == null) {
                first = member;
            } else {
                Member.next(tail, member);
            }
            last = member;
            Member.holder(member, this);
            return true;
        }
    }

    /** Lets the member go, unless the list is closed or the member hangs in another one. */
    void remove(Member member) {
        if (closed) {
            return; // the common end of a child: its parent ended first
        }
        synchronized (this) {
            if (!closed && Member.holder(member) == this) {
                unlink(member);
            }
        }
    }

    private void unlink(Member member) {
        Member before = Member.prev(member);
        Member after = Member.next(member);
        if (before == null) {
            first = after;
        } else {
            Member.next(before, after);
        }
        if (after == null) {
            last = before;
        } else {
            Member.prev(after, before);
        }
        Member.prev(member, null);
        Member.next(member, null);
        Member.holder(member, null);
    }

    /** True for the one caller that closed it, which then owns the chain. */
    boolean close() {
        if (this == CLOSED) {
            return false;
        }
        synchronized (this) {
            boolean won = !closed;
            closed = true;
            return won;
        }
    }

    /** The closer's way to walk on from one member: the member is left without links. */
    @Nullable Member poll() {
        Member member = first;
        if (member != null) {
            first = Member.next(member);
            Member.next(member, null);
            Member.prev(member, null);
            if (first == null) {
                last = null;
            }
        }
        return member;
    }

    /** Appends the chain of another list that the same thread closed. */
    void splice(Members other) {
        Member head = other.first;
        if (head == null) {
            return;
        }
        if (last == null) {
            first = head;
        } else {
            Member.next(last, head);
        }
        last = other.last;
        other.first = null;
        other.last = null;
    }

    /** How many there are now; for tests and for looking in. */
    synchronized int size() {
        int size = 0;
        for (Member member = first; member != null; member = Member.next(member)) {
            size++;
        }
        return size;
    }
}
