/**
 * The control loops of a cluster: each package is one of them, but for {@link io.keelson.controllers.runtime}, on which they
 * stand, {@link io.keelson.controllers.objects}, which has the rules that several need, {@link io.keelson.controllers.kinds},
 * which deals with objects of any kind, {@link io.keelson.controllers.leader}, by which one process of several acts, and
 * {@link io.keelson.controllers.manager}, which runs them. {@link io.keelson.controllers.hollow} plays nodes.
 */
@NullMarked
package io.keelson.controllers;

import org.jspecify.annotations.NullMarked;
