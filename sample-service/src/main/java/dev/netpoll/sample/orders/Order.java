// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.orders;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;

import java.util.List;

/**
 * An order.
 *
 * @param id given by the database
 * @param customer who ordered
 * @param items what, by article number
 */
record Order(long id, String customer, List<String> items) {

    /** An order to be placed. */
    record Draft(@NotBlank String customer, @NotEmpty List<@NotBlank String> items) {}
}
