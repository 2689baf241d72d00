/**
 * Tells who made a ValidatingAdmissionPolicy that it was seen: {@code status.observedGeneration}.
 *
 * <p>Whether expressions fit the types of what they judge is for who can compile them: this project's API server, or a
 * kube-controller-manager, which write what they find along with the generation. So a new generation is left to them
 * for some seconds; only if nobody has seen to it by then, it is noted here, and warnings of an older generation are
 * taken away.
 */
@NullMarked
package io.keelson.controllers.policystatus;

import org.jspecify.annotations.NullMarked;
