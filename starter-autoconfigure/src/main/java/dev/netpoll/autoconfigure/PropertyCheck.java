// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/** Checks the values of properties; the errors name the property and the value, as Boot's do. */
public final class PropertyCheck {

    private PropertyCheck() {}

    /** An {@link IllegalArgumentException} if {@code value} is negative. */
    public static void notNegative(String name, Duration value) {
        require(!value.isNegative(), name, "must not be negative", value);
    }

    /** An {@link IllegalArgumentException} if {@code value} is there and not more than zero. */
    public static void positive(String name, @Nullable Duration value) {
        if (value != null) {
            require(value.isPositive(), name, "must be greater than zero", value);
        }
    }

    /** An {@link IllegalArgumentException} if {@code value} is less than {@code least} or more than {@code most}. */
    public static void between(int least, int most, String name, int value) {
        boolean holds = value >= least && value <= most;
        require(holds, name, "must be between " + least + " and " + most, value);
    }

    private static void require(boolean holds, String name, String rule, Object value) {
        if (!holds) {
            throw new IllegalArgumentException("'" + name + "' " + rule + ", was " + value);
        }
    }
}
