/**
 * The rules by which nodes are chosen, each under the name that kube-scheduler's plugin has: {@link
 * io.keelson.scheduler.decision.Filter filters} and {@link io.keelson.scheduler.decision.Score scores}. Texts of rejections
 * are what users know from {@code kubectl describe}.
 */
@NullMarked
package io.keelson.scheduler.plugins;

import org.jspecify.annotations.NullMarked;
