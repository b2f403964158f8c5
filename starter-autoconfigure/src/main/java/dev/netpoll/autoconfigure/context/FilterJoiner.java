// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.web.mvc.JoinedFilter;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;

import org.apache.catalina.Context;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.LifecycleEvent;
import org.apache.catalina.LifecycleListener;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.servlet.filter.OrderedCharacterEncodingFilter;
import org.springframework.boot.servlet.filter.OrderedFormContentFilter;
import org.springframework.boot.servlet.filter.OrderedRequestContextFilter;
import org.springframework.web.filter.CharacterEncodingFilter;
import org.springframework.web.filter.FormContentFilter;
import org.springframework.web.filter.RequestContextFilter;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Has a {@link JoinedFilter} take the place of Spring Boot's filters in the chain of a server that has started, before
 * its first request: of those that are Spring Boot's own or observe requests in Spring Boot's place, run for every
 * request, and stand next to each other in Spring Boot's order. All stay registered, and beans.
 */
final class FilterJoiner implements LifecycleListener {

    /** In the order in which {@link JoinedFilter} does what they do. */
    private static final List<String> JOINED =
            List.of(
                    OrderedCharacterEncodingFilter.class.getName(),
                    "dev.netpoll.actuate.observation.RequestObservationFilter", // needs Micrometer
                    OrderedFormContentFilter.class.getName(),
                    OrderedRequestContextFilter.class.getName());

    private static final int OBSERVATION = 1;

    private static final String[] ALL_PATHS = {"/*"};

    private final JoinedFilter joined;

    FilterJoiner(JoinedFilter joined) {
        this.joined = joined;
    }

    @Override
    public void lifecycleEvent(LifecycleEvent event) {
        if (event.getType().equals(Lifecycle.AFTER_START_EVENT)
                && event.getLifecycle() instanceof Context context) {
            join(context);
        }
    }

    private void join(Context context) {
        List<FilterMap> maps = new ArrayList<>(Arrays.asList(context.findFilterMaps()));
        FilterMap own = null;
        for (FilterMap map : maps) {
            own = filter(context, map) == joined ? map : own;
        }
        if (own == null) {
            return;
        }
        maps.remove(own);
        List<FilterMap> run = longestRun(context, maps);
        if (run.size() > 1) {
            maps.set(maps.indexOf(run.getFirst()), own);
            maps.removeAll(run);
            joined.join(
                    (CharacterEncodingFilter) find(context, run, 0),
                    find(context, run, OBSERVATION),
                    (FormContentFilter) find(context, run, 2),
                    (RequestContextFilter) find(context, run, 3));
        }
        for (FilterMap map : context.findFilterMaps()) {
            context.removeFilterMap(map);
        }
        maps.forEach(context::addFilterMap);
    }

    private static List<FilterMap> longestRun(Context context, List<FilterMap> maps) {
        List<FilterMap> longest = List.of();
        List<FilterMap> run = new ArrayList<>();
        int last = -1;
        for (FilterMap map : maps) {
            int place = place(context, map);
            if (place <= last) {
                run = new ArrayList<>();
            }
            if (place >= 0) {
                run.add(map);
            }
            last = place;
            longest = run.size() > longest.size() ? run : longest;
        }
        return longest;
    }

    /** Among {@link #JOINED}; -1 for a filter that is not Spring Boot's own, or does not run for every request. */
    private static int place(Context context, FilterMap map) {
        Filter filter = filter(context, map);
        int place = filter == null ? -1 : JOINED.indexOf(filter.getClass().getName());
        boolean always =
                map.getMatchAllUrlPatterns() || Arrays.equals(map.getURLPatterns(), ALL_PATHS);
        boolean each = place == OBSERVATION ? isForObserved(map) : isForEachDispatch(map);
        boolean plain = always && map.getServletNames().length == 0 && each;
        boolean once = mapsOf(context, map.getFilterName()) == 1;
        return plain && once && !isInheritable(filter) ? place : -1;
    }

    private static boolean isForEachDispatch(FilterMap map) {
        return map.getDispatcherNames().length == DispatcherType.values().length;
    }

    private static boolean isForObserved(FilterMap map) {
        return Set.of(map.getDispatcherNames())
                .equals(Set.of(DispatcherType.REQUEST.name(), DispatcherType.ASYNC.name()));
    }

    private static long mapsOf(Context context, String name) {
        return Arrays.stream(context.findFilterMaps())
                .filter(map -> map.getFilterName().equals(name))
                .count();
    }

    /** Whether it binds the request to threads that a handler starts, too. True where nobody can tell. */
    private static boolean isInheritable(@Nullable Filter filter) {
        if (!(filter instanceof RequestContextFilter)) {
            return false;
        }
        try {
            Field inheritable =
                    RequestContextFilter.class.getDeclaredField("threadContextInheritable");
            inheritable.setAccessible(true);
            return inheritable.getBoolean(filter);
        } catch (ReflectiveOperationException | RuntimeException e) {
            return true;
        }
    }

    private static @Nullable Filter filter(Context context, FilterMap map) {
        FilterDef definition = context.findFilterDef(map.getFilterName());
        return definition == null ? null : definition.getFilter();
    }

    private static @Nullable Filter find(Context context, List<FilterMap> run, int place) {
        return run.stream()
                .filter(map -> place(context, map) == place)
                .map(map -> filter(context, map))
                .findFirst()
                .orElse(null);
    }
}
