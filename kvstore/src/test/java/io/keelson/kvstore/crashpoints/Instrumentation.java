package io.keelson.kvstore.crashpoints;

import io.keelson.kvstore.storage.AppliedState;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Puts a check in front of every call that the code of some phases makes, in the jars of a distribution. So servers run with it
 * as fast as they start otherwise: to read and write classes at each start would take longer than all else of it, and the
 * JVM's cache of classes would be of no use. Also has a server tell what it makes of log, vote and state, where that is done.
 */
final class Instrumentation {
    private static final ClassDesc CRASH_POINT = ClassDesc.of(CrashPoint.class.getName());
    private static final MethodTypeDesc AT = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int);
    private static final ClassDesc STATE = ClassDesc.of(AppliedState.class.getName());
    private static final ClassDesc LIST = ClassDesc.of(List.class.getName());
    private static final String CLASS = ".class";

    /** What a server calls. */
    private static final List<Class<?>> OWN = List.of(
            CrashPoint.class,
            Control.class,
            Control.Order.class,
            Control.Entry.class,
            Control.Vote.class,
            Control.Applied.class);

    /**
     * What a method promises.
     *
     * @param before whether it is told in front of its code, and not where it returns
     * @param telling writes the call that tells it
     */
    private record Promise(boolean before, Consumer<CodeBuilder> telling) {}

    private static final String LOG = "io/keelson/raft/log/SegmentLogStorage.";

    private static final Map<String, Promise> PROMISES = Map.of(
            LOG + "appendEntries(Ljava/util/List;)I",
            new Promise(
                    false,
                    builder -> builder.dup()
                            .aload(1)
                            .invokestatic(
                                    CRASH_POINT,
                                    "stored",
                                    MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int, LIST))),
            LOG + "truncateSuffix(J)Z",
            new Promise(
                    true,
                    builder -> builder.lload(1)
                            .invokestatic(
                                    CRASH_POINT,
                                    "cut",
                                    MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_long))),
            LOG + "reset(J)Z",
            new Promise(
                    true,
                    builder -> builder.invokestatic(CRASH_POINT, "cutAll", MethodTypeDesc.of(ConstantDescs.CD_void))),
            "io/keelson/kvstore/storage/BatchSession.commit(Lio/keelson/kvstore/storage/AppliedState;)V",
            new Promise(
                    false,
                    builder -> builder.aload(1)
                            .invokestatic(CRASH_POINT, "applied", MethodTypeDesc.of(ConstantDescs.CD_void, STATE))),
            "io/keelson/raft/jraft/TermFile.setTermAndVotedFor(JLcom/alipay/sofa/jraft/entity/PeerId;)Z",
            new Promise(
                    false,
                    builder -> builder.lload(1)
                            .aload(3)
                            .invokestatic(
                                    CRASH_POINT,
                                    "voted",
                                    MethodTypeDesc.of(
                                            ConstantDescs.CD_void, ConstantDescs.CD_long, ConstantDescs.CD_Object))));

    /**
     * A call, and the phases that may make it.
     *
     * @param name {@code package/Class.method(descriptor)#n callee}, which is the same in every build of the same source
     */
    record Point(String name, Set<Phase> phases) {}

    private final Collection<Phase> phases;
    private final List<Point> points = new ArrayList<>();

    private Instrumentation(Collection<Phase> phases) {
        this.phases = phases;
    }

    /**
     * Changes the jars of a folder.
     *
     * @return the points, which {@link CrashPoint} is called with by their place in the list
     */
    static List<Point> instrument(Path jars, Collection<Phase> phases) throws IOException {
        Instrumentation all = new Instrumentation(phases);
        try (Stream<Path> files = Files.list(jars)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".jar"))
                    .sorted()
                    .toList()) {
                all.change(file);
            }
        }
        if (all.points.isEmpty()) {
            throw new IOException("no jar in " + jars + " has code of " + phases);
        }
        return all.points;
    }

    private void change(Path file) throws IOException {
        Path changed = file.resolveSibling(file.getFileName() + ".changed");
        int before = points.size();
        try (JarFile in = new JarFile(file.toFile())) {
            if (in.stream().noneMatch(entry -> mayBeCovered(entry.getName()))) {
                return;
            }
            try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(changed))) {
                for (JarEntry entry : in.stream().toList()) {
                    byte[] bytes = in.getInputStream(entry).readAllBytes();
                    write(
                            out,
                            entry.getName(),
                            mayBeCovered(entry.getName()) ? checked(entry.getName(), bytes) : bytes);
                }
                if (before == 0) {
                    for (Class<?> type : OWN) {
                        write(out, type.getName().replace('.', '/') + CLASS, bytes(type));
                    }
                }
            }
        }
        Files.move(changed, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static boolean mayBeCovered(String entry) {
        return entry.endsWith(CLASS) && Phase.OURS.matcher(entry).matches();
    }

    private static byte[] bytes(Class<?> type) throws IOException {
        String name = type.getName().substring(type.getPackageName().length() + 1) + CLASS;
        try (InputStream in = type.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is not on the class path");
            }
            return in.readAllBytes();
        }
    }

    private static void write(JarOutputStream out, String name, byte[] bytes) throws IOException {
        out.putNextEntry(new JarEntry(name));
        out.write(bytes);
        out.closeEntry();
    }

    private byte[] checked(String entry, byte[] bytes) {
        String className = entry.substring(0, entry.length() - CLASS.length());
        ClassTransform transform = (builder, element) -> {
            if (element instanceof MethodModel method) {
                Set<Phase> covering = covering(className, method);
                CodeModel code = method.code().orElse(null);
                Promise promise = PROMISES.get(className + "."
                        + method.methodName().stringValue()
                        + method.methodType().stringValue());
                if (code != null && (promise != null || !covering.isEmpty())) {
                    builder.transformMethod(
                            method,
                            MethodTransform.transformingCode(checks(className, method, code, covering, promise)));
                    return;
                }
            }
            builder.with(element);
        };
        return ClassFile.of().transformClass(ClassFile.of().parse(bytes), transform);
    }

    private Set<Phase> covering(String className, MethodModel method) {
        Set<Phase> covering = EnumSet.noneOf(Phase.class);
        for (Phase phase : phases) {
            if (phase.covers(className, method.methodName().stringValue())) {
                covering.add(phase);
            }
        }
        return covering;
    }

    private CodeTransform checks(
            String className, MethodModel method, CodeModel code, Set<Phase> covering, @Nullable Promise promise) {
        String prefix = className + "." + method.methodName().stringValue()
                + method.methodType().stringValue() + "#";
        int first = points.size();
        for (CodeElement element : code) {
            if (!covering.isEmpty() && element instanceof InvokeInstruction call) {
                int number = 1 + points.size() - first;
                points.add(new Point(prefix + number + " " + call.name().stringValue(), covering));
            }
        }
        // The code of a method may be written twice, the second time with longer jumps.
        return CodeTransform.ofStateful(() -> new CodeTransform() {
            private final AtomicInteger next = new AtomicInteger(first);
            private boolean begun;

            @Override
            public void accept(CodeBuilder builder, CodeElement element) {
                if (promise != null && promise.before() && !begun && element instanceof Instruction) {
                    begun = true;
                    promise.telling().accept(builder);
                }
                if (promise != null && !promise.before() && element instanceof ReturnInstruction) {
                    promise.telling().accept(builder);
                }
                if (!covering.isEmpty() && element instanceof InvokeInstruction) {
                    builder.loadConstant(next.getAndIncrement());
                    builder.invokestatic(CRASH_POINT, "at", AT);
                }
                builder.with(element);
            }
        });
    }
}
