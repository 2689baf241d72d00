package io.keelson.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a Kubernetes API server. It is started with the first class that wants one and ends with the run; each
 * test has a namespace of its own. Constructors, test methods and methods before and after them may have parameters of these
 * types:
 *
 * <ul>
 *   <li>{@code io.fabric8.kubernetes.client.KubernetesClient}, whose default namespace is the test's
 *   <li>{@code io.kubernetes.client.openapi.ApiClient}, of the official client
 *   <li>{@link TestNamespace}: the namespace's name
 *   <li>{@link KubeconfigFile}: for everything else, {@code kubectl} for example
 * </ul>
 *
 * Clients have an administrator's rights and are closed after the test (those of a constructor or of {@code @BeforeAll}, after
 * the class). No controllers run: a Deployment makes no Pods, and a deleted namespace does not vanish.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@ExtendWith(KeelsonExtension.class)
public @interface KeelsonApi {
    /**
     * Definitions of custom kinds: names of YAML or JSON files on the classpath, each with one document or several. They are
     * served before the first test of the class begins.
     */
    String[] crds() default {};
}
