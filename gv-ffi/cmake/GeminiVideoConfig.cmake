# find_package(GeminiVideo): the targets GeminiVideo::geminivideo (shared) and GeminiVideo::geminivideo_static.
#
# The package may be moved as a whole: places are found from where this file lies, PREFIX/share/geminivideo/cmake.

get_filename_component(_gv_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

foreach(_gv_lib IN ITEMS "lib" "lib/${CMAKE_LIBRARY_ARCHITECTURE}" "lib64")
    set(_gv_shared "${_gv_prefix}/${_gv_lib}/${CMAKE_SHARED_LIBRARY_PREFIX}geminivideo${CMAKE_SHARED_LIBRARY_SUFFIX}")
    set(_gv_static "${_gv_prefix}/${_gv_lib}/${CMAKE_STATIC_LIBRARY_PREFIX}geminivideo${CMAKE_STATIC_LIBRARY_SUFFIX}")
    if(EXISTS "${_gv_shared}" AND NOT TARGET GeminiVideo::geminivideo)
        add_library(GeminiVideo::geminivideo SHARED IMPORTED)
        set_target_properties(GeminiVideo::geminivideo PROPERTIES
            IMPORTED_LOCATION "${_gv_shared}"
            INTERFACE_INCLUDE_DIRECTORIES "${_gv_prefix}/include")
    endif()
    if(EXISTS "${_gv_static}" AND NOT TARGET GeminiVideo::geminivideo_static)
        set(_gv_system "")
        set(_gv_options "")
        if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
            set(_gv_system pthread dl m c)
            # Some objects do not say that they need no executable stack; the linker would give the program one.
            set(_gv_options "LINKER:-z,noexecstack")
        elseif(APPLE)
            set(_gv_system "-framework Security" "-framework CoreFoundation" iconv System)
        endif()
        add_library(GeminiVideo::geminivideo_static STATIC IMPORTED)
        set_target_properties(GeminiVideo::geminivideo_static PROPERTIES
            IMPORTED_LOCATION "${_gv_static}"
            INTERFACE_INCLUDE_DIRECTORIES "${_gv_prefix}/include"
            INTERFACE_LINK_LIBRARIES "${_gv_system}"
            INTERFACE_LINK_OPTIONS "${_gv_options}")
    endif()
endforeach()

if(NOT TARGET GeminiVideo::geminivideo AND NOT TARGET GeminiVideo::geminivideo_static)
    set(GeminiVideo_FOUND FALSE)
    set(GeminiVideo_NOT_FOUND_MESSAGE "no library of geminivideo lies below ${_gv_prefix}")
endif()

unset(_gv_prefix)
unset(_gv_lib)
unset(_gv_shared)
unset(_gv_static)
unset(_gv_system)
unset(_gv_options)
