// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.InterruptShield;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Wrapper;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** All of JDBC has been looked at: what may go to the database, and what leads to a raw object. */
class JdbcSurfaceTest {

    /** Each interface with what overrides its methods in plain Java; for meta data a proxy does. */
    private static final Map<Class<?>, Class<?>> WRAPPED = wrapped();

    static final List<Class<?>> MADE =
            List.of(
                    Connection.class,
                    Statement.class,
                    PreparedStatement.class,
                    CallableStatement.class,
                    ResultSet.class);

    /** Interfaces whose objects are not wrapped, and why. */
    private static final Map<String, String> LEFT_TO_THE_DRIVER =
            Map.ofEntries(
                    Map.entry("Array", "drivers cast what is given back to them"),
                    Map.entry("Blob", "drivers cast what is given back to them"),
                    Map.entry("Clob", "drivers cast what is given back to them"),
                    Map.entry("NClob", "drivers cast what is given back to them"),
                    Map.entry("SQLXML", "drivers cast what is given back to them"),
                    Map.entry("Ref", "drivers cast what is given back to them"),
                    Map.entry("Struct", "holds values"),
                    Map.entry("RowId", "holds a value"),
                    Map.entry("Savepoint", "holds a name"),
                    Map.entry("ShardingKey", "holds values"),
                    Map.entry("ShardingKeyBuilder", "holds values"),
                    Map.entry("SQLData", "the application's own"),
                    Map.entry("SQLInput", "read by the driver's getObject, which is guarded"),
                    Map.entry("SQLOutput", "written by the driver's setObject, which is guarded"),
                    Map.entry("SQLType", "a constant"),
                    Map.entry("DriverAction", "a callback of the driver's"),
                    Map.entry("Driver", "is behind the pool"),
                    Map.entry("Wrapper", "leads to the driver by intention"));

    private static final Set<Class<?>> WAYS_TO_THE_DATABASE =
            Set.of(
                    Connection.class,
                    Statement.class,
                    PreparedStatement.class,
                    CallableStatement.class,
                    ResultSet.class,
                    DatabaseMetaData.class,
                    ResultSetMetaData.class,
                    ParameterMetaData.class);

    private final FakeDriver driver = new FakeDriver();

    private static Map<Class<?>, Class<?>> wrapped() {
        Map<Class<?>, Class<?>> all = new LinkedHashMap<>();
        all.put(Connection.class, ContextConnection.class);
        all.put(Statement.class, ContextStatement.class);
        all.put(PreparedStatement.class, ContextPreparedStatement.class);
        all.put(CallableStatement.class, ContextCallableStatement.class);
        all.put(ResultSet.class, ContextResultSet.class);
        all.put(DatabaseMetaData.class, MetaDataCalls.class);
        all.put(ResultSetMetaData.class, MetaDataCalls.class);
        all.put(ParameterMetaData.class, MetaDataCalls.class);
        return all;
    }

    // ---- nothing was forgotten

    @Test
    void everyMethodIsOverriddenOrDecided() {
        WRAPPED.forEach(
                (type, by) ->
                        assertThat(methods(type, m -> !isOverridden(by, m)))
                                .as("methods of %s that nobody has decided", type.getSimpleName())
                                .allMatch(m -> JdbcSurface.decidedOrNull(m) != null));
    }

    @Test
    void everyDecisionIsOfAMethodThatIsNotOverridden() {
        WRAPPED.forEach(
                (type, by) -> {
                    Set<String> left = new TreeSet<>(JdbcSurface.tableOf(type).keySet());
                    for (Method method : methods(type, m -> !isOverridden(by, m))) {
                        left.remove(method.getName());
                        left.remove(method.getName() + "/" + method.getParameterCount());
                    }
                    assertThat(left).as("decisions on %s too many", type.getSimpleName()).isEmpty();
                });
    }

    @Test
    void everyInterfaceOfJdbcIsWrappedOrLeftToTheDriver() throws IOException {
        Set<String> expected = new TreeSet<>(LEFT_TO_THE_DRIVER.keySet());
        WRAPPED.keySet().forEach(type -> expected.add(type.getSimpleName()));
        expected.add("ConnectionBuilder");
        assertThat(interfacesOfJavaSql()).isEqualTo(expected);
    }

    private static Set<String> interfacesOfJavaSql() throws IOException {
        Path jdbc =
                FileSystems.getFileSystem(URI.create("jrt:/"))
                        .getPath("/modules/java.sql/java/sql");
        try (Stream<Path> files = Files.list(jdbc)) {
            Set<String> names = new TreeSet<>();
            files.map(file -> file.getFileName().toString().replace(".class", ""))
                    .filter(JdbcSurfaceTest::isPublicInterface)
                    .forEach(names::add);
            return names;
        }
    }

    private static boolean isPublicInterface(String name) {
        try {
            Class<?> type = Class.forName("java.sql." + name);
            return type.isInterface() && Modifier.isPublic(type.getModifiers());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static List<Method> methods(Class<?> type, Predicate<Method> which) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(m -> !Modifier.isStatic(m.getModifiers()))
                .filter(which)
                .toList();
    }

    private static boolean isOverridden(Class<?> by, Method method) {
        try {
            return !by.getMethod(method.getName(), method.getParameterTypes())
                    .getDeclaringClass()
                    .isInterface();
        } catch (NoSuchMethodException e) {
            return false;
        }
    }

    // ---- and does what was decided

    @ParameterizedTest
    @FieldSource("MADE")
    void aMethodIsShieldedUnlessItIsLocal(Class<?> type) throws Exception {
        Object wrapper = wrapper(type);
        for (Method method : methods(type, m -> !isOverridden(WRAPPED.get(type), m))) {
            boolean local = JdbcSurface.of(method) == JdbcCall.LOCAL;
            assertThat(shieldIn(type, method, wrapper)).as("%s", method).isNotEqualTo(local);
        }
    }

    /** Whether the driver ran {@code method} with interrupts held off. */
    private boolean shieldIn(Class<?> type, Method method, Object wrapper) throws Exception {
        boolean[] shielded = new boolean[1];
        Object answer = driver.some(method.getReturnType());
        driver.on(
                type.getSimpleName() + "." + method.getName(),
                _ -> {
                    shielded[0] = InterruptShield.isOpen();
                    return answer;
                });
        method.invoke(wrapper, arguments(method));
        return shielded[0];
    }

    private Object[] arguments(Method method) {
        return Arrays.stream(method.getParameterTypes()).map(driver::some).toArray();
    }

    @ParameterizedTest
    @FieldSource("MADE")
    void onlyWhatAsksForWorkIsRefusedAfterTheEnd(Class<?> type) throws Exception {
        Object wrapper = wrapper(type);
        CancelScope ended = CancelContext.background().withCancel();
        ended.cancel("over");
        for (Method method : methods(type, m -> !isOverridden(WRAPPED.get(type), m))) {
            Object answer = driver.some(method.getReturnType());
            driver.on(type.getSimpleName() + "." + method.getName(), _ -> answer);
            assertThat(ended.call(() -> isRefused(method, wrapper)))
                    .as("%s", method)
                    .isEqualTo(JdbcSurface.of(method) == JdbcCall.ASKS);
        }
    }

    private boolean isRefused(Method method, Object wrapper) {
        try {
            method.invoke(wrapper, arguments(method));
            return false;
        } catch (InvocationTargetException e) {
            assertThat(e.getCause())
                    .isInstanceOf(SQLException.class)
                    .hasMessageEndingWith("was not begun: over");
            return true;
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @FieldSource("MADE")
    void noMethodReturnsARawObjectThatLeadsToTheDatabase(Class<?> type) throws Exception {
        Object wrapper = wrapper(type);
        for (Method method : type.getMethods()) {
            if (WAYS_TO_THE_DATABASE.contains(method.getReturnType())) {
                Object result = method.invoke(wrapper, arguments(method));
                assertThat(result).as("%s", method).isNotNull().isInstanceOf(Wrapper.class);
                assertThat(result).as("%s", method).isNotSameAs(driver.of(method.getReturnType()));
            }
        }
    }

    @Test
    void theDatabasesDescriptionReturnsNoRawObjectEither() throws Exception {
        Connection connection = driver.connection();
        DatabaseMetaData metaData = connection.getMetaData();
        for (Method method : DatabaseMetaData.class.getMethods()) {
            if (method.getReturnType() == ResultSet.class) {
                ResultSet rows = (ResultSet) method.invoke(metaData, arguments(method));
                assertThat(rows).as("%s", method).isInstanceOf(ContextResultSet.class);
                assertThat(rows.getStatement().getConnection())
                        .as("%s", method)
                        .isSameAs(connection);
            }
        }
        assertThat(metaData.getConnection()).isSameAs(connection);
        assertThat(metaData.unwrap(DatabaseMetaData.class)).isSameAs(metaData);
    }

    private Object wrapper(Class<?> type) throws SQLException {
        Connection connection = driver.connection();
        return switch (type.getSimpleName()) {
            case "Connection" -> connection;
            case "Statement" -> connection.createStatement();
            case "PreparedStatement" -> connection.prepareStatement("");
            case "CallableStatement" -> connection.prepareCall("");
            default -> connection.createStatement().executeQuery("");
        };
    }
}
