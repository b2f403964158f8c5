// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What a user's IDE and Javadoc show of contexts: no links of the tree that they stand in. */
class PublicFaceTest {

    private static final List<Class<?>> IN_USERS_HANDS =
            List.of(CancelContext.class, CancelScope.class, CancelHook.class);

    @Test
    void aContextInheritsNoListLinks() {
        assertThat(CancelContext.class.getSuperclass()).isEqualTo(Object.class);
        assertThat(CancelHook.class.getSuperclass()).isEqualTo(Object.class);
    }

    @Test
    void whatUsersCanCallNamesNoTypeThatTheyCannot() {
        for (Class<?> type : IN_USERS_HANDS) {
            assertThat(visibleTypes(type))
                    .as(type.getSimpleName())
                    .allMatch(used -> Modifier.isPublic(used.getModifiers()));
        }
    }

    private static Stream<Class<?>> visibleTypes(Class<?> type) {
        return Stream.concat(
                Arrays.stream(type.getMethods())
                        .flatMap(
                                method ->
                                        Stream.concat(
                                                Stream.of(method.getReturnType()),
                                                Arrays.stream(method.getParameterTypes()))),
                Arrays.stream(type.getFields()).map(Field::getType));
    }
}
