package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/** Something that hangs in a scope's {@link Members}: a child scope or a hook. */
abstract class Member {

    /** Under the holder's lock; once the holder is closed they belong to whoever closed it. */
    @Nullable Member prev;

    @Nullable Member next;

    /**
     * The list this hangs in, or hung in when it was closed. Written under that list's lock; volatile,
     * because an end that runs against an attach reads it without (see {@link CancelScope#attach}).
     */
    volatile @Nullable Members holder;
}
