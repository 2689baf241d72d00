package io.keelson.kvstore.crashpoints;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Loaded into a server, puts a check in front of calls. Its argument is a file of properties, read at the start:
 *
 * <ul>
 *   <li>{@code phase}: the {@link Phase} whose calls are looked at;
 *   <li>{@code step}: the call before which the process halts; without it, the calls that are made are written down;
 *   <li>{@code occurrence}: at which time that call is made, from 1;
 *   <li>{@code active}: a file; calls count from when it exists;
 *   <li>{@code anew}: a file; when it appears, what was written down is forgotten, and the file is deleted;
 *   <li>{@code told}: the file for what was seen, or for the step at which the process ended.
 * </ul>
 *
 * <p>A step is named {@code package/Class.method(descriptor)#n callee}, which is the same in every run of the same
 * classes. This class lives in a jar of its own in the server, so it uses the JDK and {@link Phase} alone.
 */
public final class CrashAgent implements ClassFileTransformer {
    private static final int EXIT_STATUS = 137;
    private static final int LOOK_MS = 10;
    private static final MethodTypeDesc STRING_TO_VOID =
            MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String);

    private static final Set<String> seen = ConcurrentHashMap.newKeySet();
    private static final AtomicInteger left = new AtomicInteger();
    private static volatile boolean active;
    private static volatile @Nullable Path told;
    private static volatile @Nullable String armed;

    private final Phase phase;

    private CrashAgent(Phase phase) {
        this.phase = phase;
    }

    /** Called by the JVM before the server's own main. */
    public static void premain(String argument, Instrumentation instrumentation) throws IOException {
        Properties settings = new Properties();
        try (InputStream in = new FileInputStream(argument)) {
            settings.load(in);
        }
        told = Path.of(settings.getProperty("told"));
        armed = settings.getProperty("step");
        left.set(Integer.parseInt(settings.getProperty("occurrence", "1")));
        Path activation = Path.of(settings.getProperty("active"));
        Path anew = Path.of(settings.getProperty("anew"));
        active = Files.exists(activation);
        instrumentation.addTransformer(new CrashAgent(Phase.valueOf(settings.getProperty("phase"))));
        Thread.ofPlatform().daemon().name("crash-agent").start(() -> look(activation, anew));
    }

    /** A process of a test: it looks again and again, and its only output is a small file. */
    private static void look(Path activation, Path anew) {
        int written = 0;
        try {
            while (true) {
                active = active || Files.exists(activation);
                if (Files.exists(anew)) {
                    seen.clear();
                    tell("");
                    written = 0;
                    Files.delete(anew);
                }
                if (armed == null && seen.size() != written) {
                    written = seen.size();
                    tell(String.join("\n", seen));
                }
                Thread.sleep(LOOK_MS);
            }
        } catch (IOException e) {
            System.err.println("the crash agent cannot delete " + anew + ": " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void tell(String text) {
        Path file = told;
        if (file == null) {
            return;
        }
        try (OutputStream out = new FileOutputStream(file.toFile())) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            System.err.println("the crash agent cannot write " + file + ": " + e);
        }
    }

    /** Called in front of calls, by the code this agent puts there. */
    public static void at(String step) {
        if (!active) {
            return;
        }
        if (armed == null) {
            seen.add(step);
        } else if (left.decrementAndGet() == 0) {
            tell(step);
            Runtime.getRuntime().halt(EXIT_STATUS);
        }
    }

    @Override
    public byte @Nullable [] transform(
            @Nullable ClassLoader loader,
            String className,
            @Nullable Class<?> redefined,
            @Nullable ProtectionDomain domain,
            byte[] bytes) {
        String wanted = armed;
        String ours = wanted == null ? "io/keelson/" : wanted.substring(0, wanted.indexOf('.') + 1);
        if (!(className + ".").startsWith(ours) || className.contains("/crashpoints/")) {
            return null; // To read and write classes takes longer than all else of a start.
        }
        try {
            ClassModel model = ClassFile.of().parse(bytes);
            return ClassFile.of().transformClass(model, checked(className));
        } catch (RuntimeException e) {
            System.err.println("the crash agent cannot change " + className + ": " + e);
            return null;
        }
    }

    private ClassTransform checked(String className) {
        return (builder, element) -> {
            if (element instanceof MethodModel method
                    && method.code().isPresent()
                    && phase.covers(className, method.methodName().stringValue())) {
                builder.transformMethod(method, (methodBuilder, part) -> {
                    if (part instanceof java.lang.classfile.CodeModel code) {
                        methodBuilder.transformCode(code, checks(className, method));
                    } else {
                        methodBuilder.with(part);
                    }
                });
            } else {
                builder.with(element);
            }
        };
    }

    private static CodeTransform checks(String className, MethodModel method) {
        AtomicInteger number = new AtomicInteger();
        String prefix = className + "." + method.methodName().stringValue()
                + method.methodType().stringValue() + "#";
        String wanted = armed;
        return (builder, element) -> {
            if (element instanceof InvokeInstruction call) {
                String step =
                        prefix + number.incrementAndGet() + " " + call.name().stringValue();
                if (wanted == null || wanted.equals(step)) {
                    builder.loadConstant(step);
                    builder.invokestatic(
                            ClassDesc.of("io.keelson.kvstore.crashpoints.CrashAgent"), "at", STRING_TO_VOID);
                }
            }
            builder.with(element);
        };
    }

    /** The settings as they are written for a process. */
    static Map<String, String> settings(
            Phase phase, @Nullable String step, int occurrence, Path activation, Path anew, Path told) {
        Map<String, String> settings = new ConcurrentHashMap<>();
        settings.put("phase", phase.name());
        settings.put("occurrence", Integer.toString(occurrence));
        settings.put("active", activation.toString());
        settings.put("anew", anew.toString());
        settings.put("told", told.toString());
        if (step != null) {
            settings.put("step", step);
        }
        return settings;
    }
}
