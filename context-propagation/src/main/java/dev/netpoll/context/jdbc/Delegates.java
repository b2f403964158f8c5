// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_String;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;

import dev.netpoll.context.Operation;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicCallSiteDesc;
import java.lang.constant.MethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Completes a wrapper. JDBC's interfaces have some six hundred methods; an abstract class overrides
 * those that need more than a guard in plain Java, and the class made here does with every other one
 * what {@link JdbcSurface} says: hands it on to the wrapped object, at the cost of a call, or does so
 * inside the guard. Made once per kind of wrapper, when the first one is needed; see decision 0004 for
 * what else was weighed.
 *
 * <p>The class made has the abstract class's only constructor, with the JDBC interface for its first
 * parameter: the wrapped object.
 */
final class Delegates {

    private static final String FIELD = "handOnTo";

    private static final DirectMethodHandleDesc LAMBDA =
            ConstantDescs.ofCallsiteBootstrap(
                    desc(LambdaMetafactory.class),
                    "metafactory",
                    ConstantDescs.CD_CallSite,
                    ConstantDescs.CD_MethodType,
                    ConstantDescs.CD_MethodHandle,
                    ConstantDescs.CD_MethodType);

    private Delegates() {}

    /**
     * The constructor of a class that extends {@code base} and implements all of {@code jdbc}.
     *
     * @param lookup the base's own
     */
    static MethodHandle completing(MethodHandles.Lookup lookup, Class<?> base, Class<?> jdbc) {
        Constructor<?> constructor = base.getDeclaredConstructors()[0];
        Class<?>[] parameters = constructor.getParameterTypes();
        byte[] bytes = classOf(base, jdbc, parameters);
        parameters[0] = jdbc;
        try {
            Class<?> made = lookup.defineHiddenClass(bytes, true).lookupClass();
            return lookup.findConstructor(made, MethodType.methodType(void.class, parameters))
                    .asType(MethodType.methodType(base, parameters));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("Cannot wrap " + jdbc.getName(), e);
        }
    }

    /** What a constructor made here has thrown, which declares nothing. */
    static RuntimeException failed(Throwable thrown) {
        return switch (thrown) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            default -> new IllegalStateException(thrown);
        };
    }

    private static byte[] classOf(Class<?> base, Class<?> jdbc, Class<?>[] superParameters) {
        ClassDesc self = ClassDesc.of(base.getName() + "Over" + jdbc.getSimpleName());
        ClassDesc jdbcType = desc(jdbc);
        return ClassFile.of()
                .build(
                        self,
                        type -> {
                            type.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC)
                                    .withSuperclass(desc(base))
                                    .withInterfaceSymbols(jdbcType)
                                    .withField(
                                            FIELD,
                                            jdbcType,
                                            ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL);
                            addConstructor(type, self, base, jdbcType, superParameters);
                            for (Method method : missing(base, jdbc)) {
                                add(type, self, jdbcType, method);
                            }
                        });
    }

    private static void addConstructor(
            ClassBuilder type,
            ClassDesc self,
            Class<?> base,
            ClassDesc jdbcType,
            Class<?>[] superParameters) {
        MethodTypeDesc above = MethodTypeDesc.of(CD_void, descs(superParameters));
        MethodTypeDesc own = above.changeParameterType(0, jdbcType);
        type.withMethodBody(
                INIT_NAME,
                own,
                0,
                code -> {
                    code.aload(0).aload(1).putfield(self, FIELD, jdbcType).aload(0);
                    loadParameters(code, superParameters);
                    code.invokespecial(desc(base), INIT_NAME, above).return_();
                });
    }

    private static void add(ClassBuilder type, ClassDesc self, ClassDesc jdbcType, Method method) {
        MethodTypeDesc signature =
                MethodTypeDesc.of(desc(method.getReturnType()), descs(method.getParameterTypes()));
        JdbcCall what = JdbcSurface.of(method);
        type.withMethodBody(
                method.getName(),
                signature,
                ClassFile.ACC_PUBLIC,
                code -> {
                    if (what == JdbcCall.LOCAL) {
                        handOn(code, self, jdbcType, method, signature);
                    } else {
                        guard(code, self, jdbcType, method, signature, what);
                    }
                    code.return_(TypeKind.from(method.getReturnType()));
                });
    }

    private static void handOn(
            CodeBuilder code,
            ClassDesc self,
            ClassDesc jdbcType,
            Method method,
            MethodTypeDesc signature) {
        code.aload(0).getfield(self, FIELD, jdbcType);
        loadParameters(code, method.getParameterTypes());
        code.invokeinterface(desc(method.getDeclaringClass()), method.getName(), signature);
    }

    /** {@code reads("name", () -> handOnTo.method(parameters))}, as javac would write it. */
    private static void guard(
            CodeBuilder code,
            ClassDesc self,
            ClassDesc jdbcType,
            Method method,
            MethodTypeDesc signature,
            JdbcCall what) {
        boolean isAction = method.getReturnType() == void.class;
        ClassDesc function = desc(isAction ? SqlAction.class : Operation.class);
        ClassDesc result = isAction ? CD_void : CD_Object;
        ClassDesc boxed = desc(MethodType.methodType(method.getReturnType()).wrap().returnType());
        MethodHandleDesc target =
                MethodHandleDesc.ofMethod(
                        DirectMethodHandleDesc.Kind.INTERFACE_VIRTUAL,
                        desc(method.getDeclaringClass()),
                        method.getName(),
                        signature);
        code.aload(0).loadConstant(JdbcSurface.callName(method));
        code.aload(0).getfield(self, FIELD, jdbcType);
        loadParameters(code, method.getParameterTypes());
        code.invokedynamic(
                DynamicCallSiteDesc.of(
                        LAMBDA,
                        "run",
                        signature.insertParameterTypes(0, jdbcType).changeReturnType(function),
                        MethodTypeDesc.of(result),
                        target,
                        MethodTypeDesc.of(isAction ? CD_void : boxed)));
        code.invokevirtual(
                self,
                what.name().toLowerCase(Locale.ROOT),
                MethodTypeDesc.of(result, CD_String, function));
        if (!isAction) {
            code.checkcast(boxed);
            unbox(code, method.getReturnType(), boxed);
        }
    }

    private static void unbox(CodeBuilder code, Class<?> type, ClassDesc boxed) {
        if (type.isPrimitive()) {
            code.invokevirtual(boxed, type.getName() + "Value", MethodTypeDesc.of(desc(type)));
        }
    }

    private static void loadParameters(CodeBuilder code, Class<?>[] parameters) {
        int slot = 1;
        for (Class<?> parameter : parameters) {
            TypeKind kind = TypeKind.from(parameter);
            code.loadLocal(kind, slot);
            slot += kind.slotSize();
        }
    }

    /** What the base leaves to the interface, defaults included: the wrapped object may know better. */
    private static List<Method> missing(Class<?> base, Class<?> jdbc) {
        Set<String> seen = new HashSet<>();
        return Arrays.stream(jdbc.getMethods())
                .filter(m -> !Modifier.isStatic(m.getModifiers()))
                .filter(m -> !isWritten(base, m))
                .filter(m -> seen.add(m.getName() + Arrays.toString(m.getParameterTypes())))
                .toList();
    }

    private static boolean isWritten(Class<?> base, Method method) {
        try {
            return !base.getMethod(method.getName(), method.getParameterTypes())
                    .getDeclaringClass()
                    .isInterface();
        } catch (NoSuchMethodException e) {
            return false;
        }
    }

    private static ClassDesc desc(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }

    private static ClassDesc[] descs(Class<?>[] types) {
        return Arrays.stream(types).map(Delegates::desc).toArray(ClassDesc[]::new);
    }
}
